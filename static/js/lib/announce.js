const MOMENT = 1000;
let lately = -MOMENT;

/** Say something to people who listen to the page. It comes after what was said a moment ago, not in its place. */
export function announce(words) {
  const announcer = document.getElementById("announcer");
  const line = Object.assign(document.createElement("p"), { textContent: words });
  const now = performance.now();
  if (now - lately > MOMENT) announcer.replaceChildren(line);
  else announcer.append(line);
  lately = now;
}

/** Say something to people who listen to the page. */
export function announce(words) {
  document.getElementById("announcer").textContent = words;
}

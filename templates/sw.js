// When the studio cannot be reached, this shows a page that says so in the studio's own words. It keeps that page and
// its stylesheet, and nothing else; everything else goes by as if it were not there.
const KEPT = {{ kept | tojson }};
const PAGE = KEPT[0];
const STUDIO = {{ url_for('studio') | tojson }};
/** A web server in front says so while there is no studio behind it; the studio itself never does. */
const OUT_OF_REACH = [502, 504];
const SHELF = "segue {{ edition }}";

addEventListener("install", (event) => event.waitUntil(keep()));
addEventListener("activate", (event) => event.waitUntil(begin()));
addEventListener("fetch", (event) => {
  const { mode, url } = event.request;
  if (mode === "navigate") event.respondWith(visit(event));
  else if (KEPT.includes(new URL(url).pathname)) event.respondWith(kept(event.request));
});

async function keep() {
  const shelf = await caches.open(SHELF);
  await shelf.addAll(KEPT);
}

/** The browser asks for pages itself, as it would without a worker: with what it says of where the visitor comes from. */
async function begin() {
  await registration.navigationPreload?.enable();
  for (const name of await caches.keys()) if (name.startsWith("segue ") && name !== SHELF) await caches.delete(name);
}

async function visit(event) {
  try {
    const answer = (await event.preloadResponse) ?? (await fetch(event.request));
    if (!OUT_OF_REACH.includes(answer.status)) return answer;
  } catch {
    // Nobody answered at all, which comes to the same.
  }
  // The studio keeps the recipe that was to be sent; of other pages, a browser keeps what it will.
  const { method, referrer } = event.request;
  return method === "GET" ? kept(PAGE) : Response.redirect(referrer || STUDIO, 303);
}

async function kept(request) {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}

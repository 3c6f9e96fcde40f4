// A blend's colours are two hues and an alpha. Pages carry them as data attributes; a browser that knows typed attr()
// reads those in CSS by itself, for the others they become custom properties here.

const CSS_READS_THEM = CSS.supports("width", "attr(data-alpha type(<number>))");

/** Give every element below `root` that carries colours those colours. */
export function colourAll(root) {
  if (CSS_READS_THEM) return;
  for (const element of root.querySelectorAll("[data-hue-a], [data-hue-b], [data-alpha]")) {
    apply(element, element.dataset);
  }
}

/** Give one element new colours: any of `hueA`, `hueB` (degrees; null for the house's own) and `alpha` (0..1). */
export function colour(element, colours) {
  for (const [name, value] of Object.entries(colours)) {
    if (value === null) delete element.dataset[name];
    else element.dataset[name] = value;
  }
  if (!CSS_READS_THEM) apply(element, colours);
}

function apply(element, { hueA, hueB, alpha }) {
  for (const [property, value] of Object.entries({ "--hue-a": hueA, "--hue-b": hueB, "--alpha": alpha })) {
    if (value === null) element.style.removeProperty(property);
    else if (value !== undefined) element.style.setProperty(property, value);
  }
}

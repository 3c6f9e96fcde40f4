// The studio's form as a plain record: a value for each name. Radio buttons are one field, as they are for people.

/** The values of the fields of those names that the form has. */
export function values(form, names) {
  return Object.fromEntries(names.map((name) => [name, value(form, name)]).filter(([, found]) => found !== undefined));
}

/** Whether a field says what the server had it say. */
export function asServed(form, name) {
  return all(form, name).every((field) =>
    field.type === "radio" ? field.checked === field.defaultChecked : field.value === field.defaultValue,
  );
}

/** What the server had the fields of those names say. */
export function served(form, names) {
  return Object.fromEntries(names.map((name) => [name, servedValue(form, name)]).filter(([, found]) => found !== undefined));
}

/** Give fields other values, and tell those who listen for them, once all are in their place. */
export function fill(form, record) {
  const changed = [];
  for (const [name, wanted] of Object.entries(record)) {
    const field = all(form, name).find((one) => one.type !== "radio" || one.value === wanted);
    if (!field || value(form, name) === wanted) continue;
    if (field.type === "radio") field.checked = true;
    else field.value = wanted;
    changed.push(field);
  }
  for (const field of changed) field.dispatchEvent(new Event("input", { bubbles: true }));
}

function value(form, name) {
  return all(form, name).find((field) => field.type !== "radio" || field.checked)?.value;
}

function servedValue(form, name) {
  const field = all(form, name).find((one) => one.type !== "radio" || one.defaultChecked);
  return field?.type === "radio" ? field.value : field?.defaultValue;
}

function all(form, name) {
  return [...form.querySelectorAll(`[name="${name}"]`)];
}

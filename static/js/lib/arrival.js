/** Whether this page was come back to, or loaded again, rather than visited. */
export function comeBack() {
  const [arrival] = performance.getEntriesByType("navigation");
  return ["back_forward", "reload"].includes(arrival?.type);
}

/** A new once-only token. crypto.randomUUID would need https; a band's server at home may have none. */
export function newToken() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

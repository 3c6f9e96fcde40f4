/** What the server makes of a prompt: one line, composed, without control characters. */
export function tidy(text) {
  const line = text
    .replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, " ")
    .normalize("NFC")
    .replace(/\s+/gu, " ")
    .trim();
  return /[^\p{C}\p{Z}]/u.test(line) ? line : "";
}

/** The prompt's own colour in degrees, or null for an empty one. The server finds the same: a CRC-32 of its words. */
export function hue(text) {
  const words = tidy(text).toLowerCase();
  return words ? crc32(new TextEncoder().encode(words)) % 360 : null;
}

/** Characters as people count them here: code points of the tidied text. */
export function length(text) {
  return [...tidy(text)].length;
}

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

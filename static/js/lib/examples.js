let coming;

/** Our prompts to start from, by genre. They come with the first wish for them; rejects where they cannot be had. */
export function examples(address) {
  coming ??= load(address).catch((error) => {
    coming = undefined;
    throw error;
  });
  return coming;
}

/** One of them by chance, but none of `others`. */
export function roll(genres, others) {
  const prompts = Object.values(genres).flat().filter((prompt) => !others.includes(prompt));
  return prompts[Math.floor(Math.random() * prompts.length)];
}

async function load(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`The studio answered ${answer.status}`);
  return answer.json();
}

import { colourAll } from "./lib/colours.js";
import { hireWorker } from "./lib/worker.js";
import "./studio-form.js";
import "./prompt-deck.js";
import "./prompt-examples.js";
import "./prompt-recall.js";
import "./blend-fader.js";
import "./seed-pads.js";
import "./groove-range.js";
import "./last-recipe.js";
import "./clip-progress.js";
import "./clip-spectrogram.js";
import "./clip-player.js";
import "./clip-compare.js";
import "./copy-text.js";
import "./share-sheet.js";

colourAll(document);
hireWorker();

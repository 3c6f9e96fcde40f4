import { colourAll } from "./lib/colours.js";
import "./clip-spectrogram.js";
import "./clip-player.js";

colourAll(document);

// Prints a script of this folder and all that it imports as one that a browser can load, as one JSON document.

import { build } from "esbuild";

const { entry } = JSON.parse(process.argv[2]);

const built = await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: [entry],
  bundle: true,
  format: "esm",
  write: false,
});
console.log(JSON.stringify(built.outputFiles[0].text));

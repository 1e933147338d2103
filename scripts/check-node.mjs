// Plain JavaScript that any Node can read: it runs before anything that needs Node 24.
const needed = 24;

if (Number.parseInt(process.versions.node, 10) < needed) {
  console.error(`This project is built and tested under Node ${needed} or newer, but this is Node ${process.version} (${process.execPath}).
The devDependency \`node\` brings Node ${needed} for every \`npm run\` script; it is missing because its install script did not run.
Run \`npm ci\` with install scripts allowed (npm 12 reads \`allowScripts\` in package.json; no --ignore-scripts), or \`npx -y -p node@${needed} npm ci\`.`);
  process.exit(1);
}

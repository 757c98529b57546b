import { cpSync } from 'node:fs';
import { startGround } from '../test/faults/ground.ts';
import { runFaults } from '../test/faults/run-faults.ts';
import { FAULTS, faultOf, isPossible } from '../test/faults/faults/catalogue.ts';
const [graph = 'neo4j', brokers = '1', seed = '1', names = 'all', code] = process.argv.slice(2);
const t = Date.now();
const ground = await startGround({ graph: graph as 'neo4j', brokers: Number(brokers) as 1 });
console.error('ground', Date.now() - t);
const faults = names === 'all' ? FAULTS.filter((f) => isPossible(f, ground.options)) : names.split(',').map(faultOf);
try {
  const ledger = await runFaults({ ground, seed: Number(seed), faults, log: console.error, ...(code && { code }) });
  console.log(JSON.stringify(ledger)); { cpSync(ground.folder, '/tmp/faults-kept', {recursive: true}); }
} catch (e) { console.error(e); if (process.env.KEEP) { console.error(ground.folder); await new Promise(()=>{setTimeout(()=>{},1e9)}); } }
await ground[Symbol.asyncDispose]();

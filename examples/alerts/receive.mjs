// Receives alerts, checks that Grapevine signed them, and prints them, until it is ended.
//   npm install standardwebhooks
//   node examples/alerts/receive.mjs secret.txt 4600
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

const [secretFile = 'secret.txt', port = '4600'] = process.argv.slice(2);
const webhook = new Webhook(readFileSync(secretFile, 'utf8').trim());
const seen = new Set();

createServer((request, response) => void receive(request, response)).listen(Number(port), '127.0.0.1');

async function receive(request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  try {
    const { type, data } = webhook.verify(Buffer.concat(chunks), request.headers);
    response.writeHead(204).end();
    // The same id is the same message, sent again because its answer was lost.
    if (!seen.has(request.headers['webhook-id'])) print(type, data);
    seen.add(request.headers['webhook-id']);
  } catch (error) {
    console.error(`refused: ${error.message}`);
    response.writeHead(401).end();
  }
}

function print(type, { rule, text, facts }) {
  console.log(`${type} ${rule}: ${text}`);
  for (const { evidence } of facts) {
    for (const { author, text } of evidence) console.log(`  ${author}: ${text}`);
  }
}

// Has a post read without keeping it, then keeps it and prints what the graph holds of it.
//   node examples/client/submit.mjs "Mara Lindqvist joins Harbour Robotics"
import { GrapevineClient } from 'grapevine';

const client = new GrapevineClient({
  url: process.env.GRAPEVINE_URL ?? 'http://127.0.0.1:4000',
  ...(process.env.GRAPEVINE_TOKEN && { token: process.env.GRAPEVINE_TOKEN }),
});
const input = { text: process.argv[2] ?? 'Mara Lindqvist joins Harbour Robotics as chief engineer' };

const { previewPost } = await client.query(
  `mutation ($input: PostInput!) { previewPost(input: $input) {
    preview { mentions { text type } relations { type head { text } tail { text } } } userErrors { message } } }`,
  { input },
);
for (const { message } of previewPost.userErrors) console.error(message);
for (const { text, type } of previewPost.preview?.mentions ?? []) console.log(`would find ${text} (${type})`);

const { submitPost } = await client.query(
  `mutation ($input: PostInput!) { submitPost(input: $input) {
    state post { mentions { entity { name facts { edges { node { head { name } type tail { name } } } } } } } userErrors { message } } }`,
  { input },
);
for (const { message } of submitPost.userErrors) console.error(message);
console.log(submitPost.state);
for (const { entity } of submitPost.post?.mentions ?? [])
  for (const { node } of entity.facts.edges) console.log(`${node.head.name} ${node.type} ${node.tail.name}`);

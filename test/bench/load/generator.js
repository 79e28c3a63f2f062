import process from 'node:process';
import { makeDeck } from './decks.js';
import { closedLoop, openLoop } from './loops.js';

// Makes the load, in a process of its own. The material comes first, then orders, one at a time.

let material;
const decks = new Map();

/** The next request of a deck; whoever takes up a deck again goes on where it stopped. */
function drawFrom(wanted) {
  const name = JSON.stringify(wanted);
  if (!decks.has(name)) decks.set(name, { requests: makeDeck(material, wanted), turn: 0 });
  const deck = decks.get(name);
  return () => deck.requests[deck.turn++ % deck.requests.length];
}

function load(order) {
  const next = drawFrom(order.deck);
  return order.rate === undefined ? closedLoop(order, next) : openLoop(order, next);
}

process.on('message', (message) => {
  if (message.material !== undefined) {
    material = message.material;
    return;
  }
  load(message.order).then(
    (result) => process.send({ result }),
    (error) => process.send({ failure: error.stack }),
  );
});

const steps = [];

/** What to undo at the end, last first. */
export function undoLater(step) {
  steps.push(step);
}

/** Undoes everything; what cannot be undone stops nothing else. */
export async function undoAll() {
  for (const step of steps.splice(0).reverse()) await step();
}

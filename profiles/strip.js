// What is left out of published definitions: rendered text, build dates, and the parts of the base definitions that only
// explain (mappings, requirements, examples).
const FROM_RESOURCE = ['text', 'date', 'mapping', 'contact'];
const FROM_ELEMENT = ['mapping', 'requirements', 'comment', 'alias', 'example', 'extension'];

/** A copy of the resource without them. */
export function strip(resource) {
  const kept = without(resource, FROM_RESOURCE);
  for (const view of ['snapshot', 'differential']) {
    if (kept[view]) kept[view] = { element: kept[view].element.map((element) => without(element, FROM_ELEMENT)) };
  }
  return kept;
}

function without(from, keys) {
  return Object.fromEntries(Object.entries(from).filter(([key]) => !keys.includes(key)));
}

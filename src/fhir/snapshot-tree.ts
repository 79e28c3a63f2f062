import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';

/** A snapshot as the tree that its element ids describe. */
export interface SnapshotNode {
  readonly element: ElementDefinition;
  readonly children: SnapshotNode[];
  readonly slices: SnapshotNode[];
}

/**
 * Arranges the flat list of a snapshot as a tree: children below their element, slices beside it.
 *
 * @throws Error when there is no snapshot or an element comes before the one it belongs to.
 */
export function snapshotTree(definition: StructureDefinition): SnapshotNode {
  const [root, ...rest] = definition.snapshot?.element ?? [];
  if (root === undefined) throw new Error(`StructureDefinition ${definition.url} has no snapshot.`);
  const top = makeNode(root);
  const byId = new Map([[idOf(root), top]]);
  for (const element of rest) {
    const id = idOf(element);
    const node = makeNode(element);
    const holder = byId.get(holderOf(id));
    if (holder === undefined) throw new Error(`StructureDefinition ${definition.url} places ${id} nowhere.`);
    (isSlice(id) ? holder.slices : holder.children).push(node);
    byId.set(id, node);
  }
  return top;
}

/** The node whose id is given, below `root`. */
export function findNode(root: SnapshotNode, id: string): SnapshotNode | undefined {
  if (idOf(root.element) === id) return root;
  for (const child of [...root.children, ...root.slices]) {
    if (id === idOf(child.element) || id.startsWith(`${idOf(child.element)}.`)) return findNode(child, id);
  }
  return undefined;
}

function makeNode(element: ElementDefinition): SnapshotNode {
  return { element, children: [], slices: [] };
}

function idOf(element: ElementDefinition): string {
  return element.id ?? element.path;
}

function isSlice(id: string): boolean {
  return id.slice(id.lastIndexOf('.') + 1).includes(':');
}

/** `A.b:c` is a slice of `A.b`, `A.b:c/d` of `A.b:c`, `A.b:c.d` a child of `A.b:c`. */
function holderOf(id: string): string {
  const step = id.lastIndexOf('.');
  const last = id.slice(step + 1);
  const cut = Math.max(last.lastIndexOf('/'), last.includes('/') ? -1 : last.indexOf(':'));
  return cut >= 0 ? id.slice(0, step + 1 + cut) : id.slice(0, step);
}

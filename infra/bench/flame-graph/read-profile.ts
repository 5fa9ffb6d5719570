/** What V8 writes with `--cpu-prof`, as far as it is looked at here. */
export interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string }; children?: number[] }[]
  samples: number[]
  timeDeltas: number[]
}

/** A function, and what it spent in itself and in what it called, in microseconds. */
export interface Frame {
  name: string
  totalUs: number
  children: Map<string, Frame>
}

/** Puts a profile's samples together to one tree of functions, by name and file; time in which nothing ran is left out. */
export function readProfile({ nodes, samples, timeDeltas }: CpuProfile): Frame {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)))
  const root: Frame = { name: 'all', totalUs: 0, children: new Map() }
  for (const [index, id] of samples.entries()) {
    const path: string[] = []
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) path.unshift(nameOf(byId.get(at)!))
    const [, ...names] = path
    if (names.at(-1) === '(idle)' || names.at(-1) === '(program)') continue
    add(root, { names, us: timeDeltas[index]! })
  }
  return root
}

function add(root: Frame, { names, us }: { names: readonly string[]; us: number }): void {
  let frame = root
  frame.totalUs += us
  for (const name of names) {
    const child: Frame = frame.children.get(name) ?? { name, totalUs: 0, children: new Map() }
    frame.children.set(name, child)
    child.totalUs += us
    frame = child
  }
}

/** Of a file's path only what is the same on every machine. */
function nameOf({ callFrame: { functionName, url } }: CpuProfile['nodes'][number]): string {
  const name = functionName || '(anonymous)'
  const [, file] = /(?:.*node_modules\/|.*\/(?=(?:packages|apps)\/)|^node:)(.+)$/.exec(url) ?? []
  return file === undefined ? name : `${name} ${file}`
}

/**
 * Where each file of src/ stands. Below may not import above. A file that is not listed fails the test: place it.
 * So does a listed file that is gone. A name that ends in `/` takes everything in that folder, which may be yet to come.
 */
export const CORE_LAYERS: readonly { name: string; files: readonly string[] }[] = [
  { name: 'errors', files: ['errors.ts'] },
  { name: 'contracts', files: ['contracts.ts'] },
  {
    name: 'leaves',
    files: ['answer.ts', 'bus.ts', 'entry.ts', 'health.ts', 'json.ts', 'legacy.ts', 'lifetime.ts', 'lock.ts', 'origins.ts', 'refinement.ts', 'register.ts', 'rule.ts', 'stamps.ts', 'tiers/', 'turns.ts'],
  },
  { name: 'link', files: ['link.ts', 'page.ts'] },
  { name: 'route', files: ['route.ts'] },
  { name: 'chain', files: ['chain.ts', 'chain-tier.ts', 'find.ts', 'idle.ts', 'put.ts', 'sealing.ts'] },
  // What a storage is made of: its options and its public shape come first, and their users after them.
  { name: 'surface', files: ['events.ts', 'options.ts', 'surface.ts'] },
  { name: 'parts', files: ['gate.ts', 'namespace.ts', 'report.ts', 'values.ts', 'watching.ts'] },
  { name: 'verbs', files: ['adoption.ts', 'declared.ts', 'exclusive.ts', 'keyed.ts', 'rotation.ts'] },
  // What a registry brings along.
  { name: 'registry', files: ['parts.ts', 'plain-rules.ts', 'registry.ts', 'rules.ts'] },
  { name: 'storage', files: ['storage.ts'] },
  { name: 'presets', files: ['presets/'] },
  { name: 'door', files: ['global.ts', 'index.ts'] },
]

/** Folders that stand beside the core. They rest on leaves and contracts; the core never imports them. */
export const SIDES: readonly string[] = ['hub', 'consent', 'crypto', 'server', 'testing', 'disclosure']

export function layerOf(path: string): string | undefined {
  return CORE_LAYERS.find(({ files }) => files.some((file) => (file.endsWith('/') ? path.startsWith(`src/${file}`) : path === `src/${file}`)))?.name
}

export function sideOf(path: string): string | undefined {
  return SIDES.find((side) => path.startsWith(`src/${side}/`))
}

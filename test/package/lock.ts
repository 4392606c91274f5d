/** One package of package-lock.json, by its path. */
export interface Locked {
  resolved?: string
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}

/** What a locked package asks for and the lock does not hold, where Node would look for it: beside it or further up. */
export function unlocked(packages: Record<string, Locked>): string[] {
  return Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !placesFor(name, path).some((place) => place in packages))
      .map((name) => `${path} asks for ${name}`),
  )
}

function placesFor(name: string, path: string): string[] {
  const folders = path.split('/node_modules/')
  return [...folders.map((_, index) => [...folders.slice(0, index + 1), name].join('/node_modules/')), `node_modules/${name}`]
}

import { describe, expect, test } from 'vitest'
import { house } from './architecture/house.js'
import { doors } from './doors.js'
import { undocumented } from './architecture/public-face.js'

describe('the public face', () => {
  test.each(Object.values(doors))('%s exports no function, class or interface without a doc comment, and shows each function at work', (door) => {
    expect(undocumented(door, house())).toEqual([])
  })

  test('is looked at through re-exports: what has no comment, and what has no example, is named', () => {
    const complaints = undocumented('src/index.ts', [
      { path: 'src/index.ts', text: "export { bare, told, shown } from './a.js'\nexport type { Shape, Told, Union } from './b.js'\nexport { StorageError } from './c.js'" },
      { path: 'src/a.ts', text: 'export const bare = () => 1\n/** Says it. */\nexport function told() {}\n/**\n * Says it.\n * @example\n * shown()\n */\nexport function shown() {}' },
      { path: 'src/b.ts', text: 'export interface Shape {}\n/** Told. */\nexport interface Told {}\nexport type Union = 1 | 2' },
      { path: 'src/c.ts', text: 'export class StorageError extends Error {}' },
    ])
    expect(complaints).toEqual([
      'src/a.ts bare: this function is public and has no doc comment',
      'src/a.ts bare: this function is public and has no @example',
      'src/a.ts told: this function is public and has no @example',
      'src/b.ts Shape: this interface is public and has no doc comment',
      'src/c.ts StorageError: this class is public and has no doc comment',
    ])
  })

  test('has to be there', () => {
    expect(undocumented('src/index.ts', [])).toEqual(['src/index.ts exports nothing'])
  })
})

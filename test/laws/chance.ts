/** A small generator (mulberry32): the fractions of stamps are chance, and must come again with the schedule. */
const chance = (salt: number) => (): number => {
  salt = (salt + 0x6d2b79f5) | 0
  let mixed = Math.imul(salt ^ (salt >>> 15), 1 | salt)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}

/** Runs it with the chance of that salt. */
export const seeded = async (salt: number, act: () => Promise<void>): Promise<void> => {
  const random = Math.random
  Math.random = chance(salt)
  try {
    await act()
  } finally {
    Math.random = random
  }
}

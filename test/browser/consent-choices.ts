/** The vendor of the tests, by its ID in the Global Vendor List. */
export const VENDOR = 755

/** What a visitor may choose in the CMP: consent to purposes, and to vendors. */
export const choices = {
  everything: { purposes: [1, 3, 4, 8], vendors: [VENDOR, 12] },
  'analytics alone': { purposes: [1, 8], vendors: [VENDOR] },
  'all purposes for another vendor': { purposes: [1, 3, 4, 8], vendors: [12] },
  nothing: { purposes: [], vendors: [] },
} satisfies Record<string, { purposes: number[]; vendors: number[] }>

export type ChoiceName = keyof typeof choices

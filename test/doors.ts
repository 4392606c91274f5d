/** Each way into the package, and its source: tests and examples import them by name, as a user does. */
export const doors: Readonly<Record<string, string>> = {
  holdfast: 'src/index.ts',
  'holdfast/consent': 'src/consent/index.ts',
  'holdfast/crypto': 'src/crypto/index.ts',
  'holdfast/disclosure': 'src/disclosure/index.ts',
  'holdfast/hub': 'src/hub/index.ts',
  'holdfast/hub/host': 'src/hub/host/index.ts',
  'holdfast/presets': 'src/presets/index.ts',
  'holdfast/server': 'src/server/index.ts',
  'holdfast/testing': 'src/testing/index.ts',
}

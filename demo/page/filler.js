// Fills localStorage for real, under a name of the demo's own.

const NAME = 'demo-ballast'
const FIRST_LOAD = 4 * 1024 * 1024

/** Whether the ballast is aboard. A browser that refuses to say is not full, it is down. */
export function isLocalStorageFull() {
  try {
    return localStorage.getItem(NAME) !== null
  } catch {
    return false
  }
}

/** Halves the load until not one more character fits. */
export function fillLocalStorage() {
  let ballast = ''
  for (let load = FIRST_LOAD; load >= 1; ) {
    try {
      localStorage.setItem(NAME, ballast + '~'.repeat(load))
      ballast += '~'.repeat(load)
    } catch {
      load = Math.floor(load / 2)
    }
  }
}

export function emptyLocalStorage() {
  try {
    localStorage.removeItem(NAME)
  } catch {
    // Nothing can be put there, so nothing has to be taken away.
  }
}

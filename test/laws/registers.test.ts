import { test } from 'vitest'
import { implementation } from './implementation.js'
import { holds } from './properties.js'

test('what is two is one register: a chain of two places, and a mirror, lose no order whichever of the two fails', () => holds(implementation, 'registers', 3), 900_000)

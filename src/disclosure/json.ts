import type { Row } from './row.js'

/** JSON that is harmless in a `<script>` element, too. */
export const asJson = (value: unknown): string => JSON.stringify(value, null, 2).replace(/[<\u2028\u2029]/g, (sign) => '\\u' + sign.charCodeAt(0).toString(16).padStart(4, '0')) + '\n'

/**
 * The rows' facts as JSON, for other programs.
 *
 * @example
 * import { defineKeys, key } from 'holdfast'
 * import { collect, toJson } from 'holdfast/disclosure'
 * const keys = defineKeys({ token: key<string>({ ttl: '1d' }) })
 * const [row] = JSON.parse(toJson(collect(keys, ['localStorage'])))
 * ;[row.name, row.places[0].tier, row.places[0].ms] // => ['token', 'localStorage', 86400000]
 */
export const toJson = (rows: readonly Row[]): string => asJson(rows)

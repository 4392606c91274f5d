/** What reorders the text around it, and halves of characters. */
const MISLEADING = /[\u202a-\u202e\u2066-\u2069]|\p{Cs}/gu

/** Text from elsewhere on one line, in the order in which it stands: controls and breaks become one space. */
export const plain = (text: string): string => text.replace(/[\p{Cc}\s]+/gu, ' ').replace(MISLEADING, '\ufffd').trim()

/** What a table says of a name; a name of `Object.prototype` is none. */
export const lookUp = (table: Readonly<Record<string, string>>, name: string): string | undefined => (Object.prototype.hasOwnProperty.call(table, name) ? table[name] : undefined)

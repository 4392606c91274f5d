// What the visitor is asked: whether the vendor may count. Until there is an answer, the count waits in memory.

const CATEGORY = 'analytics'

/** The key that is counted in; it is of that category. */
const COUNTED = 'opens'

const times = (count) => (count === 1 ? 'once' : `${count} times`)

/** What becomes of the count, in words. @param {boolean | undefined} allowed @param {number} [count] */
function outcomeOf(allowed, count) {
  if (allowed === false) return 'Refused, and remembered: nothing is counted, and what was counted is gone from every rung.'
  if (allowed) return count ? `Allowed, and remembered: opened ${times(count)} in four weeks, which localStorage keeps.` : 'Allowed, and remembered: nothing to count yet.'
  return count ? `Not answered. That it was opened ${times(count)} waits in this page's memory, and is nowhere else.` : "Not answered. Open the chat: the count will wait in this page's memory."
}

/**
 * @param {object} storage
 * @param {import('holdfast/consent').Choice} consent
 * @param {{ changed(): void, said(kind: string, text: string): void, failed(error: Error): void }} page
 */
export function openAsking(storage, consent, page) {
  const line = document.querySelector('[data-answer]')
  const buttons = [...document.querySelectorAll('[data-consent]')]
  let waits = false

  const allowed = () => consent.allows(CATEGORY)

  async function answer(yes) {
    // It holds at once, for this page; whether it could be remembered is another matter.
    await consent.update({ [CATEGORY]: yes }).catch(page.failed)
    await storage.flush()
    page.changed()
  }

  for (const button of buttons) button.addEventListener('click', () => void answer(button.dataset.consent === 'yes'))

  storage.on('held', () => {
    if (!waits) page.said('held', "The count waits in this page's memory: nobody has said yet whether it may be kept.")
    waits = true
  })
  storage.on('released', () => {
    waits = false
    page.said('released', 'The count went from memory to its place: analytics are allowed.')
    page.changed()
  })
  storage.on('purged', () => {
    waits = false
    page.said('purged', 'The count was removed everywhere: analytics are refused.')
    page.changed()
  })
  // Another tab may be where the visitor answers.
  consent.watch(page.changed)

  return {
    /** The chat was opened. Who has refused is not counted, not even in memory. */
    async count() {
      if (allowed() === false) return
      await storage.update(COUNTED, (count = 0) => count + 1).catch(page.failed)
      page.changed()
    },
    /** Whether what this key has waits for the answer. */
    waits: (key) => waits && key === COUNTED,
    /** After everything was removed: the answer is no part of the session. */
    remember: () => (allowed() === undefined ? undefined : answer(allowed())),
    async draw() {
      const count = await storage.get(COUNTED).catch(() => undefined)
      const text = outcomeOf(allowed(), typeof count === 'number' ? count : undefined)
      if (line.textContent !== text) line.textContent = text
      for (const button of buttons) button.setAttribute('aria-pressed', String(allowed() === (button.dataset.consent === 'yes')))
    },
  }
}

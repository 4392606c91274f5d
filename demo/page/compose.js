// The field where a message is written. What is written and not sent is kept for this tab.

const DRAFT_PAUSE = 250

/**
 * @param {HTMLFormElement} form
 * @param {object} storage
 * @param {{ send(text: string): Promise<void>, wrote(key: string, receipt: object): void, failed(error: Error): void, changed(): void }} page
 */
export function openCompose(form, storage, page) {
  const field = form.querySelector('textarea')
  let timer
  let sending = false

  async function keepDraft() {
    clearTimeout(timer)
    try {
      if (field.value.trim()) page.wrote('draft', await storage.set('draft', field.value))
      else await storage.remove('draft')
    } catch (error) {
      page.failed(error)
    }
    page.changed()
  }

  async function send(text = field.value.trim()) {
    if (!text || sending) return
    sending = true
    form.ariaBusy = 'true'
    try {
      await page.send(text)
      // What was typed while the message was under way is the next one.
      field.value = field.value.trim() === text ? '' : field.value
      void keepDraft()
    } catch (error) {
      page.failed(error)
    } finally {
      sending = false
      form.ariaBusy = 'false'
    }
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void send()
  })
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    void send()
  })
  field.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(keepDraft, DRAFT_PAUSE)
  })

  return {
    focus: () => field.focus(),
    /** Sends a text that was not written here; what is written stays. */
    ask: (text) => void send(text),
    async restore() {
      const draft = await storage.get('draft').catch(() => undefined)
      if (draft && !field.value) field.value = draft
    },
    /** The draft belongs to the visitor who wrote it, and goes with the session. */
    forget() {
      clearTimeout(timer)
      field.value = ''
    },
  }
}

// The conversation as it is seen: bubbles, and notes between them.

import { timeOfDay, titleOf } from './phrases.js'

const GREETING = 'Hello. What has the sea done to it?'

/** What the desk's side of the window says when there is no conversation to show. */
const WELCOMES = {
  new: GREETING,
  over: 'Your last session has ended. Write again and we start afresh.',
  leaving: 'Logging you out…',
  left: 'You are logged out. The conversation is gone, and will not come back.',
  unsure: 'We cannot tell yet whether you have a conversation with us.',
}

const SPEAKERS = { visitor: 'You: ', desk: 'The desk: ', note: '' }

/** @param {'visitor' | 'desk' | 'note'} from @param {string} text @param {number} [at] */
function bubble(from, text, at) {
  const item = document.createElement('div')
  item.className = `bubble ${from}`
  const speaker = document.createElement('span')
  speaker.className = 'unseen'
  speaker.textContent = SPEAKERS[from]
  const body = document.createElement('p')
  body.append(speaker, text)
  item.append(body)
  if (at !== undefined) {
    const time = document.createElement('time')
    time.dateTime = new Date(at).toISOString()
    time.textContent = timeOfDay(at).slice(0, 5)
    item.append(time)
  }
  return item
}

/** @param {import('./session.js').State} state */
function bubblesOf({ phase, messages, from, returning, trouble }) {
  if (phase === 'starting') return []
  if (phase !== 'open') return [bubble('desk', WELCOMES[phase]), ...(trouble ? [bubble('note', trouble)] : [])]
  const greeting = returning ? 'Hello again. What has the sea done to it this time?' : GREETING
  const lines = [bubble('desk', greeting), ...messages.map((message) => bubble(message.from, message.text, message.at))]
  if (from) lines.push(bubble('note', `Picked up where you left off: your session came back from ${titleOf(from)}.`))
  return lines
}

/** @param {Element} list a region that a screen reader follows, so it is told only what is new */
export function openMessages(list) {
  const toEnd = () => {
    list.scrollTop = list.scrollHeight
  }
  // A phone's keyboard takes half the window; the newest message stays in sight.
  new ResizeObserver(toEnd).observe(list)

  return {
    /** @param {import('./session.js').State} state */
    draw(state) {
      const next = bubblesOf(state)
      const now = [...list.children]
      const keeps = now.length <= next.length && now.every((item, index) => item.isEqualNode(next[index]))
      if (keeps && now.length === next.length) return
      if (keeps) list.append(...next.slice(now.length))
      else list.replaceChildren(...next)
      toEnd()
    },
    note(text) {
      list.append(bubble('note', text))
      toEnd()
    },
  }
}

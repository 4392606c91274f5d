import { expect, it } from 'vitest'
import type { ConsentGround } from './consent-ground.js'

/** The page's own answers. */
export function ofThePage({ here, second }: ConsentGround): void {
  it('reaches a second tab, and is remembered over a reload: yes, and then no', async () => {
    const other = await second('/consent')
    for (const tab of [here.tab, other]) {
      const receipts = await tab.evaluate(async () => {
        visit.open('choice')
        await visit.answers().ready
        return visit.fill('panel', 'step')
      })
      expect(receipts).toEqual({ panel: 'held: consent', step: 'held: consent' })
    }
    for (const [answer, event] of [[true, 'released'], [false, 'purged']] as const) {
      await here.tab.evaluate((analytics) => visit.answers().update({ analytics }), answer)
      const step = answer ? ['sessionStorage acme-chat.step'] : []
      for (const tab of [here.tab, other]) {
        await tab.evaluate((what) => visit.until(() => visit.events.includes(what), what), `${event} step`)
        await tab.evaluate(() => visit.storage!.flush())
        expect(await tab.evaluate(() => visit.consent!.allows('analytics'))).toBe(answer)
        expect(await tab.evaluate(() => visit.holds('step'))).toEqual(step)
        expect(await tab.evaluate(() => visit.reads('panel', 'step'))).toEqual(answer ? ['panel', 'step'] : [])
      }
      // At the next visit it is known without being asked for, and the answer itself is a necessary key.
      await other.reload()
      const again = await other.evaluate(async () => {
        visit.open('choice')
        await visit.answers().ready
        const answers = await visit.storage!.get('consent')
        return { allows: visit.consent!.allows('analytics'), marketing: visit.consent!.allows('marketing') ?? 'not known', answers, receipt: await visit.fill('step') }
      })
      expect(again).toEqual({ allows: answer, marketing: 'not known', answers: { analytics: answer }, receipt: { step: answer ? 'sessionStorage' : 'held: consent' } })
      expect(await other.evaluate(() => visit.holds('step'))).toEqual(step)
    }
  })
}

/** OneTrust's globals and its event, as its script has them. */
export function ofOneTrust({ here }: ConsentGround): void {
  it('follows the groups of its script, from before that is ready until they are left', async () => {
    const seen = await here.tab.evaluate(async () => {
      /** What OneTrust's script does. */
      const say = (groups: string, closed: boolean) => {
        const parts = { OnConsentChanged: () => undefined, IsAlertBoxClosed: () => closed, GetDomainData: () => ({}) }
        Object.assign(globalThis, { OnetrustActiveGroups: groups, OneTrust: parts })
        window.dispatchEvent(new CustomEvent('OneTrustGroupsUpdated', { detail: groups.split(',') }))
      }
      const steps: unknown[] = []
      const note = async () => {
        await visit.storage!.flush()
        steps.push(await visit.holds('panel', 'visitor', 'advert'))
      }
      // It is there before it is ready.
      Object.assign(globalThis, { OneTrust: {} })
      visit.open('oneTrust')
      steps.push(await visit.fill('panel', 'visitor', 'advert'))
      await note()
      say(',C0001,', false)
      await note()
      say(',C0001,C0002,', true)
      await note()
      say(',C0001,', true)
      await note()
      return { steps, events: visit.events.filter((event) => !event.startsWith('held')).sort(), reads: await visit.reads('panel', 'visitor', 'advert') }
    })
    const held = 'held: consent'
    expect(seen.steps).toEqual([{ panel: held, visitor: held, advert: held }, [], [], ['cookie acme-chat.visitor', 'localStorage acme-chat.panel'], []])
    expect(seen.events).toEqual(['purged advert', 'purged panel', 'purged visitor', 'released panel', 'released visitor'])
    expect(seen.reads).toEqual([])
  })
}

/** Global Privacy Control beside the page's own answers. */
export function withSignal({ here }: ConsentGround): void {
  it.each([true, false])('is vetoed for marketing alone, where the browser sends the signal: %s', async (sent) => {
    const seen = await here.tab.evaluate(async (signal) => {
      Object.defineProperty(navigator, 'globalPrivacyControl', { value: signal, configurable: true })
      visit.open('gpc')
      const receipts = await visit.fill('panel', 'advert')
      await visit.storage!.flush()
      return { receipts, holds: await visit.holds('panel', 'advert') }
    }, sent)
    expect(seen).toEqual({
      receipts: { panel: 'localStorage', advert: sent ? 'held: consent' : 'localStorage' },
      holds: sent ? ['localStorage acme-chat.panel'] : ['localStorage acme-chat.advert', 'localStorage acme-chat.panel'],
    })
  })
}

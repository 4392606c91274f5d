// The switch of the vendor's hub. It is at the vendor's server, so every page of every brand feels it.

import { readHubSwitch, turnHubSwitch, VENDOR } from './desk.js'

/** A hub that is connected needs no server any more: without its frame the page has to ask for it again. */
const dropFrame = () => document.querySelector(`iframe[src="${VENDOR}/hub"]`)?.remove()

export function openSwitch() {
  let position = 'on'
  return {
    isOn: () => position === 'on',
    /** Another page may have turned it. */
    async look() {
      position = (await readHubSwitch().catch(() => ({ position }))).position
    },
    /** @param {'on' | 'off' | 'silent'} wanted */
    async turn(wanted) {
      position = (await turnHubSwitch(wanted)).position
      dropFrame()
    },
  }
}

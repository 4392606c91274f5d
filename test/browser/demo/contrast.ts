/**
 * Runs in the page: the texts whose contrast is under what WCAG AA asks (1.4.3), as "text: ratio". The
 * ladder's ground runs from one colour to another; a text on it has to stand out from both.
 */
export function dimTexts(): string[] {
  const brush = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const channelsOf = (colour: string): number[] => {
    if (!brush) throw new Error('no canvas')
    brush.clearRect(0, 0, 1, 1)
    brush.fillStyle = colour
    brush.fillRect(0, 0, 1, 1)
    return [...brush.getImageData(0, 0, 1, 1).data]
  }
  const luminance = (colour: string): number => {
    const [red = 0, green = 0, blue = 0] = channelsOf(colour).map((value) => {
      const part = value / 255
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const contrast = (one: string, other: string): number => {
    const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
    return (lighter + 0.05) / (darker + 0.05)
  }
  const grounds = (element: Element | null): string[] => {
    if (!element) return ['white']
    const style = getComputedStyle(element)
    if (style.backgroundImage.includes('gradient')) return style.backgroundImage.match(/rgba?\([^)]*\)/g) ?? []
    return channelsOf(style.backgroundColor)[3] ? [style.backgroundColor] : grounds(element.parentElement)
  }
  const ownText = (element: Element) => [...element.childNodes].filter((part) => part.nodeType === 3).map((part) => part.textContent?.trim()).join('')
  const isShown = (element: Element) => element.checkVisibility() && getComputedStyle(element).clipPath === 'none' && element.tagName !== 'SCRIPT'
  return [...document.body.querySelectorAll('*')].filter((element) => ownText(element) && isShown(element)).flatMap((element) => {
    const { color, fontSize, fontWeight } = getComputedStyle(element)
    const size = parseFloat(fontSize)
    const asked = size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700) ? 3 : 4.5
    const ratio = Math.min(...grounds(element).map((ground) => contrast(color, ground)))
    return ratio < asked ? [`${ownText(element)}: ${ratio.toFixed(2)}`] : []
  })
}

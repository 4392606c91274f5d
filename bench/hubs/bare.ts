type Asked = readonly [key: string, value?: string]

/** Keeps in localStorage what it is told, and answers each message by one. */
export function serve(): void {
  const answer = ([key, value]: Asked): unknown => (value === undefined ? localStorage.getItem(key) : localStorage.setItem(key, value))
  addEventListener('message', ({ data, ports: [port] }) => {
    if (data !== 'port') return
    port!.onmessage = ({ data: [id, asked] }: MessageEvent<[number, Asked[]]>) => port!.postMessage([id, asked.map(answer)])
  })
}

const page = { problems: [] as string[] }
;(globalThis as any).page = page

/** Texts that a registry should not hold, and that must come out as text. */
export const HOSTILE: readonly string[] = [
  '<script>alert(1)</script>',
  '</title></style><img src=x onerror=alert(1)>',
  '" onmouseover="alert(1)" x="',
  "' autofocus onfocus='alert(1)",
  '&lt;script&gt;',
  '&#60;b&#62;',
  'a | b || c',
  'a \\| b \\\\| c \\',
  '`code` ``more`` `',
  '``|``',
  'line\r\nfeed\nand\rreturn\u2028and\u2029more\u0085next\v\f',
  '\n\n# A heading\n\n- a list\n\n```\nfence',
  '[link](javascript:alert(1)) ![picture](https://vendor.test/a.png)',
  '[a]: javascript:alert(1)',
  '<https://vendor.test/> <javascript:alert(1)>',
  '*emphasis* **strong** __strong__ ~~struck~~ _x_',
  '$E=mc^2$ $$x$$ @somebody #1',
  '| --- | --- |',
  '--- | ---',
  '<!-- a comment --> <![CDATA[x]]> <?php x ?>',
  '\u202Egnp.exe\u202C \u2066a\u2069',
  '\uD800 half a character \uDC00',
  '\u0000\u0001\u001b[31mred\u007f',
  '{{ template }} ${expression} <%= x %>',
  '__proto__',
  'constructor',
]

/** What a reader must see of it: one line, nothing that reorders, nothing that is not there. */
export const seen = (text: string): string =>
  [...text]
    .map((sign) => (/[\s\u0000-\u001f\u007f-\u009f]/.test(sign) ? ' ' : /^[\ud800-\udfff]$|[\u202a-\u202e\u2066-\u2069]/.test(sign) ? '\ufffd' : sign))
    .join('')
    .replace(/ +/g, ' ')
    .trim()

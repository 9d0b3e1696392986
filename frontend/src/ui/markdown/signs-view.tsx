import { IN_CODE, withSigns } from './signs'

/** Code with every hidden sign shown by its number. */
export function Signs({ text }: { text: string }) {
  let at = 0
  return withSigns(text, IN_CODE).map((piece) => {
    at += 1
    return 'sign' in piece ? (
      <mark key={at} className="md-sign">
        {piece.sign}
      </mark>
    ) : (
      piece.text
    )
  })
}

import { Signs } from './signs-view'

export function InlineCode({ text }: { text: string }) {
  return (
    <code className="md-code-inline" dir="ltr">
      <Signs text={text} />
    </code>
  )
}

import fc from 'fast-check';
import { isHarmlessNarrative } from '../../src/fhir/narrative.ts';

const div = (content: string, attributes = ''): string =>
  `<div xmlns="http://www.w3.org/1999/xhtml"${attributes}>${content}</div>`;

const TWINS: readonly [rule: string, refused: string, accepted: string][] = [
  ['a script', div('<script>alert(1)</script>'), div('<code>alert(1)</code>')],
  ['an event attribute', div('<p onclick="a()">x</p>'), div('<p title="a()">x</p>')],
  ['an event attribute of the root', div('x', ' onload="a()"'), div('x', ' lang="nl"')],
  ['a style', div('<p style="background:url(x)">x</p>'), div('<p class="x">x</p>')],
  ['an image', div('<img src="x.png"/>x'), div('<br/>x')],
  ['a form', div('<form>x</form>'), div('<p>x</p>')],
  ['a frame', div('<iframe src="https://a.example">x</iframe>'), div('<blockquote>x</blockquote>')],
  ['an embedded drawing', div('<svg>x</svg>'), div('<table><tr><td>x</td></tr></table>')],
  ['a link to a script', div('<a href="javascript:a()">x</a>'), div('<a href="https://a.example/?b&amp;c">x</a>')],
  ['a link to a script, spelled with entities', div('<a href="javascript&colon;a()">x</a>'), div('<a href="#b">x</a>')],
  ['a link to data', div('<a href="data:text/html,x">x</a>'), div('<a href="mailto:a@b.example">x</a>')],
  ['a comment', div('<!-- x -->x'), div('x')],
  ['a processing instruction', div('<?x y?>x'), div('x')],
  ['a CDATA section', div('<![CDATA[<script>]]>'), div('&lt;script&gt;')],
  ['an element that is not closed', div('<p>x'), div('<p>x</p>')],
  ['elements that cross', div('<b><i>x</b></i>'), div('<b><i>x</i></b>')],
  ['an element that closes the root', div('</div><div>x'), div('<div>x</div>')],
  ['capitals in a tag', div('<SCRIPT>x</SCRIPT>'), div('<strong>x</strong>')],
  ['an attribute without quotes', div('<p class=x>x</p>'), div("<p class='x'>x</p>")],
  ['an attribute given twice', div('<p class="x" class="y">x</p>'), div('<p class="x" id="y">x</p>')],
  ['another namespace inside', div('<p xmlns="http://a.example">x</p>'), div('<p>x</p>')],
  ['no namespace', '<div>x</div>', div('x')],
  ['another root', '<p xmlns="http://www.w3.org/1999/xhtml">x</p>', div('<p>x</p>')],
  ['a second root', div('x') + div('x'), div('<div>x</div>')],
  ['text outside the root', `x${div('x')}`, `\n${div('x')}\n`],
  ['text without a root', 'x', div('x')],
  ['a bare ampersand', div('x & y'), div('x &amp; y')],
  [
    '33 elements in each other',
    div('<b>'.repeat(32) + 'x' + '</b>'.repeat(32)),
    div('<b>'.repeat(31) + 'x' + '</b>'.repeat(31)),
  ],
  ['5,000 elements', div('<b>x</b>'.repeat(5_000)), div('<b>x</b>'.repeat(4_999))],
  ['an empty narrative', div('<p> </p>'), div('<p> x </p>')],
  ['nothing', '', div('x')],
];

describe('isHarmlessNarrative', () => {
  it.each(TWINS)('refuses %s', (_, refused) => expect(isHarmlessNarrative(refused)).toBe(false));
  it.each(TWINS)('accepts the twin of %s', (_, __, accepted) => expect(isHarmlessNarrative(accepted)).toBe(true));

  it('answers for any text', () => {
    const pieces = fc.constantFrom(
      '<',
      '>',
      '/',
      '"',
      ' ',
      'div',
      'script',
      'a',
      'href=',
      '&',
      ';',
      'javascript:',
      'x',
    );
    fc.assert(
      fc.property(fc.array(pieces), (content) => {
        const text = div(content.join(''));
        if (isHarmlessNarrative(text)) expect(text).not.toMatch(/<script|<[^>]*href="javascript/);
      }),
    );
  });
});

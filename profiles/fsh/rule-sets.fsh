// Rules that several profiles insert.

RuleSet: Published
* ^version = "1.0.0"
* ^status = #active
* ^experimental = false
* ^publisher = "Akkoord"

// A backbone element holds its own elements only.
RuleSet: Bare(path)
* {path}.extension 0..0
* {path}.modifierExtension 0..0

// A concept is one coding; free text and other versions would never be honoured.
RuleSet: OneCoding(path)
* {path}.extension 0..0
* {path}.text 0..0
* {path}.coding 1..1
* {path}.coding.extension 0..0
* {path}.coding.system 1..1
* {path}.coding.version 0..0
* {path}.coding.code 1..1
* {path}.coding.userSelected 0..0

// A reference is a literal one or an identifier. A display would keep names beside the record they belong to.
RuleSet: LiteralOrIdentifier(path)
* {path}.extension 0..0
* {path}.display 0..0
* {path}.identifier.extension 0..0
* {path}.identifier.use 0..0
* {path}.identifier.type 0..0
* {path}.identifier.system 1..1
* {path}.identifier.value 1..1
* {path}.identifier.period 0..0
* {path}.identifier.assigner 0..0

// Numbers, wherever they stand.

Invariant: akk-bsn-1
Description: "A citizen is identified by a BSN: nine digits that pass the eleven-test, not 000000000."
Severity: #error
Expression: "system.exists() and system = 'http://fhir.nl/fhir/NamingSystem/bsn' and value.where($this.matches('^[0-9]{9}$') and $this != '000000000' and (substring(0, 1).toInteger() * 9 + substring(1, 1).toInteger() * 8 + substring(2, 1).toInteger() * 7 + substring(3, 1).toInteger() * 6 + substring(4, 1).toInteger() * 5 + substring(5, 1).toInteger() * 4 + substring(6, 1).toInteger() * 3 + substring(7, 1).toInteger() * 2 - substring(8, 1).toInteger()) mod 11 = 0).exists()"

Invariant: akk-ura-1
Description: "An organisation is identified by a URA: eight digits, leading zeros included."
Severity: #error
Expression: "system.exists() and system = 'http://fhir.nl/fhir/NamingSystem/ura' and value.where($this.matches('^[0-9]{8}$')).exists()"

Invariant: akk-id-1
Description: "An identifier in a reference holds a system and a value and nothing else."
Severity: #error
Expression: "system.exists() and value.exists() and children().count() = 2"

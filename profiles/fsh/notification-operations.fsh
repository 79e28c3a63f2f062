// What a holder asks about the notifications of its own subscriptions. Names and parameters are those of the Subscriptions R5
// Backport for R4.

Instance: status
InstanceOf: OperationDefinition
Usage: #definition
* insert Operation(status, Status, false, [[How the notifications of subscriptions stand: the number of the last event, and error once delivery was given up. For the holder whose subscriptions they are. The answer is a searchset with one Parameters resource for each. GET is possible for one subscription.]])
* resource[0] = #Subscription
* instance = true
* insert P(parameter, id, in, 0, 100, [[The subscriptions, at type level only.]])
* insert T(parameter, id)
* insert P(parameter, return, out, 1, 1, The statuses.)
* insert T(parameter, Bundle)

Instance: events
InstanceOf: OperationDefinition
Usage: #definition
* insert Operation(events, Events, false, [[The events of a subscription again: a holder that missed one asks for it. For the holder whose subscription it is. The answer is a history that begins with the status of the subscription, holds at most 100 events, and has a link to the rest. Each event looks as it did when it was sent. GET is possible for the subscription in the address.]])
* resource[0] = #Subscription
* instance = true
* insert P(parameter, id, in, 0, 1, [[The subscription, at type level only.]])
* insert T(parameter, id)
* insert P(parameter, eventsSinceNumber, in, 0, 1, [[The first event, by number; 1 when absent.]])
* insert T(parameter, string)
* insert P(parameter, eventsUntilNumber, in, 0, 1, [[The last event, by number, included; the newest when absent.]])
* insert T(parameter, string)
* insert P(parameter, return, out, 1, 1, The events.)
* insert T(parameter, Bundle)

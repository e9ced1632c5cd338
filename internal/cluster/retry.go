package cluster

import (
	"errors"
	"io"
	"strings"
	"time"

	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/util/retry"
)

// Reading asks again, three times in about a second, where an answer breaks off. It is for
// questions alone: of what changes something it is not known whether it was done.
func Reading[T any](ask func() (T, error)) (answer T, err error) {
	few := wait.Backoff{Steps: 4, Duration: 100 * time.Millisecond, Factor: 2.5, Jitter: 0.2}
	err = retry.OnError(few, brokenOff, func() (err error) {
		answer, err = ask()
		return err
	})
	return answer, err
}

// brokenOff tells that a connection was lost before all of the answer was there. client-go itself
// sends a request again where it was lost before the answer began, and not then.
func brokenOff(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || utilnet.IsConnectionReset(err) || utilnet.IsProbableEOF(err) ||
		utilnet.IsHTTP2ConnectionLost(err) || err != nil && strings.Contains(err.Error(), "stream error when reading response body")
}

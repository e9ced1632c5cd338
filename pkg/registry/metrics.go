package registry

import (
	"net/http"
	"regexp"
	"strconv"

	"github.com/felixge/httpsnoop"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics counts requests for Prometheus, by method, status and kind of resource
// (never by repository: their number is not bounded).
type Metrics struct {
	own      *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	bytes    *prometheus.CounterVec
	running  prometheus.Gauge
}

// NewMetrics makes an empty set of metrics.
func NewMetrics() *Metrics {
	m := &Metrics{
		own:      prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "regctl_http_requests_total", Help: "Requests answered."}, []string{"method", "code", "kind"}),
		seconds:  prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "regctl_http_request_seconds", Help: "Time from request to the end of the answer.", Buckets: prometheus.ExponentialBuckets(0.001, 4, 9)}, []string{"method", "kind"}),
		bytes:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "regctl_http_response_bytes_total", Help: "Bytes sent in answers."}, []string{"kind"}),
		running:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "regctl_http_requests_running", Help: "Requests being answered."}),
	}
	m.own.MustRegister(m.requests, m.seconds, m.bytes, m.running, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Page serves the metrics in Prometheus's text format.
func (m *Metrics) Page() http.Handler {
	return promhttp.HandlerFor(m.own, promhttp.HandlerOpts{})
}

func (m *Metrics) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.running.Inc()
		defer m.running.Dec()
		got := httpsnoop.CaptureMetrics(next, w, r)
		what, method := resource(r.URL.Path), knownMethod(r.Method)
		m.requests.WithLabelValues(method, strconv.Itoa(got.Code), what).Inc()
		m.seconds.WithLabelValues(method, what).Observe(got.Duration.Seconds())
		m.bytes.WithLabelValues(what).Add(float64(got.Written))
	})
}

var resources = regexp.MustCompile(`^/v2/(?:.+/(manifests|blobs/uploads|blobs|tags)/|(_catalog)$)`)

// resource is the kind of thing that a path speaks of: manifests, blobs, uploads, tags, catalog, base or other.
func resource(path string) string {
	if path == "/v2/" || path == "/v2" {
		return "base"
	}
	switch m := resources.FindStringSubmatch(path); {
	case m == nil:
		return "other"
	case m[1] == "blobs/uploads":
		return "uploads"
	case m[2] != "":
		return "catalog"
	default:
		return m[1]
	}
}

// knownMethod keeps clients from making labels of their own.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
		return method
	}
	return "other"
}

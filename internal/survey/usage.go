package survey

import (
	"context"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/pods"
	corev1 "k8s.io/api/core/v1"
)

// Usage is how full a volume is, in bytes.
type Usage struct{ Used, Free int64 }

// usage asks the node of a pod, which only admins may; nil where it does not say.
func usage(ctx context.Context, c *cluster.Client, pod *corev1.Pod, volume string) *Usage {
	var summary nodeSummary
	if pods.NodeStats(ctx, c, pod.Spec.NodeName, &summary) != nil {
		return nil
	}
	return summary.of(pod.Namespace, pod.Name, volume)
}

// nodeSummary is what is read of kubelet's /stats/summary.
type nodeSummary struct {
	Pods []struct {
		PodRef struct{ Name, Namespace string }
		Volume []struct {
			Name                      string
			AvailableBytes, UsedBytes *int64
		}
	}
}

func (s nodeSummary) of(namespace, pod, volume string) *Usage {
	for _, p := range s.Pods {
		if p.PodRef.Name != pod || p.PodRef.Namespace != namespace {
			continue
		}
		for _, v := range p.Volume {
			if v.Name == volume && v.AvailableBytes != nil && v.UsedBytes != nil {
				return &Usage{Used: *v.UsedBytes, Free: *v.AvailableBytes}
			}
		}
	}
	return nil
}

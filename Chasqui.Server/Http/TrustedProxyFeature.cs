namespace Chasqui.Server.Http;

/// <summary>Marks a request that came through a proxy of <c>Limits:TrustedProxies</c>; a feature of the request.</summary>
internal sealed class TrustedProxyFeature
{
    public static readonly TrustedProxyFeature Instance = new();
}

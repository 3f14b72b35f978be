using System.Net;
using Chasqui.Server.Limits;
using Microsoft.AspNetCore.Http;

namespace Chasqui.Tests.Limits;

public sealed class ClientAddressTests
{
    [Theory]
    [InlineData("203.0.113.7", "::ffff:203.0.113.7", true)]
    [InlineData("203.0.113.7", "203.0.113.8", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("fe80::1%1", "fe80::2%2", true)]
    public void AnIPv6NetworkAndAnIPv4AddressAreOneClient(string one, string other, bool same) =>
        Assert.Equal(same, Key(one).Equals(Key(other)));

    private static IPAddress Key(string address) =>
        ClientAddress.Of(new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Parse(address) } });
}
